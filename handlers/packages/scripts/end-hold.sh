what=end-hold
# include: policy.sh
end_hold